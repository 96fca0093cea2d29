using System.Reflection;
using System.Runtime.CompilerServices;
using Governance.Contracts;
using Governance.Contracts.Expiry;
using Governance.Lifecycle.Grants;
using Governance.ServiceDefaults;
using Marten;
using MassTransit;
using MassTransit.Context;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Tests.Machine;

/// <summary>What the machine does with an event in a state.</summary>
internal enum Handling
{
    /// <summary>Nobody decided: the message would end in an error queue.</summary>
    Undecided,

    /// <summary>Nothing happens.</summary>
    Ignored,

    /// <summary>A person's command is turned down, naming the state.</summary>
    Refused,

    /// <summary>A deadline that can't count any more is acknowledged.</summary>
    Acknowledged,

    /// <summary>A transition's verb runs.</summary>
    Handled,
}

/// <summary>Asks the machine itself, by raising the event on an instance without history.</summary>
internal sealed class Decided(GrantStateMachine machine)
{
    public static IReadOnlyList<string> EventsOf(GrantStateMachine machine) =>
        [
            .. typeof(GrantStateMachine)
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.PropertyType.IsGenericType && p.PropertyType.GetGenericTypeDefinition() == typeof(Event<>))
                .Select(p => ((Event)p.GetValue(machine)!).Name),
        ];

    public async Task<Handling> AskAsync(string state, string name)
    {
        var property = typeof(GrantStateMachine).GetProperty(name)!;
        var message = property.PropertyType.GetGenericArguments()[0];
        var ask = typeof(Decided).GetMethod(nameof(RaiseAsync), BindingFlags.NonPublic | BindingFlags.Instance)!.MakeGenericMethod(message);
        return await (Task<Handling>)ask.Invoke(this, [state, property.GetValue(machine)])!;
    }

    private async Task<Handling> RaiseAsync<T>(string state, Event<T> happened)
        where T : class
    {
        var handled = Transitions.Acts(machine, state, happened.Name);
        // Without a store a verb that does more than refuse can't run; it is enough to see that it was tried.
        await using var session = new GrantSessions(null!, TimeProvider.System, Options.Create(new GovernanceOptions())).OpenFor(
            ActorRef.System("test"),
            null
        );
        var grant = new Grant
        {
            Id = Guid.NewGuid(),
            CurrentState = state,
            Requester = "somebody else",
        };
        try
        {
            await Mediation.RunAsync(context => new GrantRaiser(machine).RaiseAsync(context, session, grant, happened, Message<T>()));
        }
        catch (UnhandledEventException)
        {
            return Handling.Undecided;
        }
        catch (Exception) when (handled)
        {
            return Handling.Handled;
        }

        return !handled ? Handling.Ignored
            : session.Refusal?.Code == "not-in-state" ? Handling.Refused
            : typeof(T) == typeof(DeadlineReached) && Transitions.Of(machine).All(t => t.From != state || t.Event != happened.Name)
                ? Handling.Acknowledged
            : Handling.Handled;
    }

    private static T Message<T>()
        where T : class
    {
        if (typeof(T).IsInterface)
        {
            return null!;
        }

        var message = (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        foreach (var property in typeof(T).GetProperties().Where(p => p.CanWrite))
        {
            if (property.PropertyType == typeof(ActorRef))
            {
                property.SetValue(message, ActorRef.System("test"));
            }
            else if (property.PropertyType == typeof(string) && property.Name == nameof(DeadlineReached.Kind))
            {
                property.SetValue(message, "expiry");
            }
        }

        return message;
    }
}

/// <summary>Runs something inside the consume context of an in-memory bus, since transitions need one.</summary>
internal static class Mediation
{
    private static readonly MassTransit.Mediator.IMediator Mediator = Bus.Factory.CreateMediator(m =>
        m.Handler<Step>(context => context.Message.Run(context))
    );

    public static async Task RunAsync(Func<ConsumeContext, Task> run)
    {
        Exception? failure = null;
        await Mediator.Send(
            new Step(async context =>
            {
                try
                {
                    await run(context);
                }
                catch (Exception e)
                {
                    failure = e;
                }
            })
        );
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    public static ConsumeContext<T> With<T>(ConsumeContext context, T message)
        where T : class => new MessageConsumeContext<T>(context, message);

    internal sealed record Step(Func<ConsumeContext, Task> Run);
}
