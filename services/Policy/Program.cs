using Governance.Policy;
using Governance.ServiceDefaults;

return await ServiceHost.RunAsync(() =>
{
    var builder = ServiceHost.CreateBuilder(args);
    builder.AddPolicy();
    return builder.Build().MapPolicy();
});
