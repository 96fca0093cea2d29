using System.Diagnostics;
using System.Text;
using Governance.ServiceDefaults;
using RabbitMQ.Client.Events;

namespace Governance.Intake.Amqp;

/// <summary>Continues the sender's trace: W3C trace context in the message's headers.</summary>
internal static class MessageTrace
{
    public static Activity? Start(BasicDeliverEventArgs delivery)
    {
        var known = ActivityContext.TryParse(
            Header(delivery, "traceparent"),
            Header(delivery, "tracestate"),
            isRemote: true,
            out var parent
        );
        var activity = Telemetry.Activities.StartActivity(
            "process " + IntakeTopology.RequestQueue,
            ActivityKind.Consumer,
            known ? parent : default
        );
        activity?.SetTag("messaging.system", "rabbitmq");
        activity?.SetTag("messaging.destination.name", IntakeTopology.RequestQueue);
        activity?.SetTag("messaging.message.body.size", delivery.Body.Length);
        return activity;
    }

    private static string? Header(BasicDeliverEventArgs delivery, string name) =>
        delivery.BasicProperties.Headers?.TryGetValue(name, out var value) == true && value is byte[] { Length: <= 512 } bytes
            ? Encoding.ASCII.GetString(bytes)
            : null;
}
