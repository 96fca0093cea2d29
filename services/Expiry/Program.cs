using Governance.Expiry;
using Governance.ServiceDefaults;

return await ServiceHost.RunAsync(() => ExpiryService.CreateBuilder(args).BuildExpiry());
