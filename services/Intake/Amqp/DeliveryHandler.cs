using Governance.Intake.Door;
using Governance.Intake.Reading;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Governance.Intake.Amqp;

/// <summary>One message of the queue: recorded, answered where it is refused, and only then acknowledged.</summary>
internal sealed class DeliveryHandler(MessageParser parser, Desk desk, TimeProvider clock, ILogger<DeliveryHandler> logger)
{
    private const int FailuresBeforeGivingUp = 5;

    /// <summary>Never throws: what is not acknowledged comes again once the channel is closed.</summary>
    public async Task HandleAsync(IChannel channel, IChannel rejections, BasicDeliverEventArgs delivery, CancellationToken detached)
    {
        using var activity = MessageTrace.Start(delivery);
        try
        {
            var reception = await DecideAsync(delivery, detached);
            if (reception is Reception.Refused refused)
            {
                await RejectAsync(rejections, delivery, refused, detached);
                CrashPoints.Reach("intake.reject.after-publish");
            }

            CrashPoints.Reach("intake.request.before-ack");
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, detached);
        }
#pragma warning disable CA1031 // Not acknowledged is all that can be said here; the message stays with the broker.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!detached.IsCancellationRequested)
            {
                Log.Unsettled(logger, e);
            }
        }
    }

    private async Task<Reception> DecideAsync(BasicDeliverEventArgs message, CancellationToken detached)
    {
        var backOff = new BackOff(clock);
        var failures = 0;
        var delivery = DeliveryOf(message);
        while (true)
        {
            try
            {
                return failures < FailuresBeforeGivingUp
                    ? await desk.ReceiveAsync(Read(message), delivery, detached)
                    : await desk.GiveUpAsync(delivery, detached);
            }
            catch (Exception e) when (!detached.IsCancellationRequested && Outages.IsOutage(e))
            {
                // Held, not given back: a message that goes back and forth would use up its delivery limit.
                Log.Held(logger, e, backOff.Attempts + 1, backOff.Next);
            }
            catch (Exception e) when (!detached.IsCancellationRequested)
            {
                failures++;
                Log.Failed(logger, e, failures);
            }

            await backOff.WaitAsync(detached);
        }
    }

    private async Task RejectAsync(
        IChannel rejections,
        BasicDeliverEventArgs message,
        Reception.Refused refused,
        CancellationToken detached
    )
    {
        var backOff = new BackOff(clock);
        while (true)
        {
            try
            {
                await Rejection.PublishAsync(rejections, message, refused, detached);
                return;
            }
            catch (Exception e) when (rejections.IsOpen && !detached.IsCancellationRequested)
            {
                Log.Held(logger, e, backOff.Attempts + 1, backOff.Next);
            }

            await backOff.WaitAsync(detached);
        }
    }

    private ParsedMessage Read(BasicDeliverEventArgs message)
    {
        var properties = message.BasicProperties;
        var fault = MessageMode.IsBinary(properties) ? Errors.BinaryMode() : MessageForm.FaultOf(properties);
        return fault is null
            ? parser.ParseEvent(message.Body, EventKind.All)
            : parser.ParseOtherForm(message.Body, MessageMode.AttributesOf(properties), EventKind.All, fault);
    }

    private static Delivery DeliveryOf(BasicDeliverEventArgs message)
    {
        // The broker compares this property with the connection's user, and refuses to publish when they differ.
        var user = message.BasicProperties.IsUserIdPresent() ? message.BasicProperties.UserId ?? "" : "";
        return new Delivery
        {
            Via = Delivery.Amqp,
            BodyDigest = CanonicalJson.Digest(message.Body.Span),
            Actor = Delivery.OfBroker(user),
            VerifiedUser = user,
        };
    }
}
