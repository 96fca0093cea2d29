using Governance.Cli;

return await Interruptible.RunAsync(args, Terminal.OfThisProcess());
