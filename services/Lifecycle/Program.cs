using Governance.Lifecycle;
using Governance.ServiceDefaults;

return await ServiceHost.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddLifecycle();
    return builder.Build().MapLifecycle();
});
