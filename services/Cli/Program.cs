using Governance.Cli;

return await GovernanceCommand.RunAsync(args, Terminal.OfThisProcess());
