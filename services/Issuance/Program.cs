using Governance.Issuance;
using Governance.ServiceDefaults;

return await ServiceHost.RunAsync(() => IssuanceService.Build(args));
