using Governance.ServiceDefaults.Http;
using Grpc.AspNetCore.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Messaging;

/// <summary>gRPC as every service of the suite speaks it.</summary>
public static class SuiteGrpc
{
    /// <summary>Adds gRPC by the rules of <see cref="GrpcRules"/>, with the answers of <see cref="GrpcFailureAnswers"/>.</summary>
    public static IGrpcServerBuilder AddSuiteGrpc(this IServiceCollection services) =>
        services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<GrpcFailureAnswers>();
            GrpcRules.Apply(grpc);
        });
}
