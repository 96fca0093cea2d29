using Governance.Intake;
using Governance.ServiceDefaults;

return await ServiceHost.RunAsync(() => IntakeHost.Build(args));
