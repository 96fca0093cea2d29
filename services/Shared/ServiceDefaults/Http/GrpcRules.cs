using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Governance.Reading;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;

namespace Governance.ServiceDefaults.Http;

/// <summary>The rules for texts, durations, times and sizes over gRPC, which are those over HTTP.</summary>
/// <param name="clock">Bounds starts.</param>
public sealed class GrpcRules(TimeProvider clock) : Interceptor
{
    private const string StatusHeader = "grpc-status";
    private static readonly object Read = new();

    /// <summary>Has every call of a service keep the rules.</summary>
    public static void Apply(GrpcServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.MaxReceiveMessageSize = Bounds.BodyBytes;
        options.Interceptors.Add<GrpcRules>();
    }

    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(continuation);
        context.GetHttpContext().Items[Read] = true;
        Check(request);
        return continuation(request, context);
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(continuation);
        context.GetHttpContext().Items[Read] = true;
        Check(request);
        return continuation(request, responseStream, context);
    }

    /// <summary>
    /// Says of a message that can't be read whose fault that is. It is read before any interceptor is asked, and what fails there is told as if
    /// the method had failed.
    /// </summary>
    internal static async Task AnswerUnreadableAsync(HttpContext context, RequestDelegate next)
    {
        await next(context).ConfigureAwait(false);
        var response = context.Response;
        if (
            !response.HasStarted
            && !context.Items.ContainsKey(Read)
            && response.Headers[StatusHeader] == ((int)StatusCode.Unknown).ToString(CultureInfo.InvariantCulture)
        )
        {
            response.Headers[StatusHeader] = ((int)StatusCode.InvalidArgument).ToString(CultureInfo.InvariantCulture);
            response.Headers["grpc-message"] =
                "The message can't be read. Send one that is framed as gRPC has it, and encoded as this method's request.";
        }
    }

    private void Check(object? request)
    {
        if (request is not IMessage message)
        {
            return;
        }

        var faults = new FaultList();
        Check(message, "", faults);
        if (faults.Any)
        {
            throw new RpcException(
                new Status(StatusCode.InvalidArgument, string.Join(' ', faults.ToList().Take(5).Select(f => $"{f.Field}: {f.Message}")))
            );
        }
    }

    private void Check(IMessage message, string path, FaultList faults)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var member = FaultList.Member(path, field.Name);
            switch (field.Accessor.GetValue(message))
            {
                case IDictionary map:
                    foreach (DictionaryEntry entry in map)
                    {
                        Check(entry.Key, field, member, faults);
                        Check(entry.Value, field, member, faults);
                    }

                    break;
                case IList list:
                    for (var i = 0; i < list.Count; i++)
                    {
                        Check(list[i], field, FaultList.Item(member, i), faults);
                    }

                    break;
                case var value:
                    Check(value, field, member, faults);
                    break;
            }
        }
    }

    private void Check(object? value, FieldDescriptor field, string path, FaultList faults)
    {
        switch (value)
        {
            // What is required is the method's to say; an empty text is one that is not there.
            case string { Length: > 0 } text
                when TextRules.Fault(text, Bounds.FreeTextLength, TextKind.Reference) is { Code: not "empty" } fault:
                faults.Add(path, fault.Code, fault.Remedy);
                break;
            case Duration duration when duration.Seconds > (long)Bounds.Duration.TotalSeconds || !IsWellFormed(duration):
                faults.Add(path, "out-of-range", $"must be longer than zero and at most {IsoDuration.Format(Bounds.Duration)}.");
                break;
            case Timestamp time when !IsWellFormed(time):
                faults.Add(path, "out-of-range", "must be a time of the years 1 to 9999.");
                break;
            case Timestamp start when field.Name is "not_before" && start.ToDateTimeOffset() > clock.GetUtcNow() + Bounds.Ahead:
                faults.Add(path, "out-of-range", $"must be at most {Bounds.Ahead.Days} days ahead.");
                break;
            case Duration or Timestamp:
                break;
            case IMessage inner:
                Check(inner, path, faults);
                break;
        }
    }

    private static bool IsWellFormed(Duration duration) => duration is { Seconds: >= 0, Nanos: >= 0 and < 1_000_000_000 };

    private static bool IsWellFormed(Timestamp time) =>
        time.Nanos is >= 0 and < 1_000_000_000
        && time.Seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds()
        && time.Seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
}
