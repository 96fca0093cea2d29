using Governance.Lifecycle;
using Governance.ServiceDefaults;

return await ServiceHost.RunAsync(() =>
{
    var builder = ServiceHost.CreateBuilder(args);
    builder.AddLifecycle();
    return builder.Build().MapLifecycle();
});
