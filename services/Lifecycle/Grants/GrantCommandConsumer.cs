using Governance.Lifecycle.KillSwitch;
using MassTransit;

namespace Governance.Lifecycle.Grants;

/// <summary>What became of a command.</summary>
/// <param name="Found">Whether there is such a grant.</param>
/// <param name="Refusal">Why nothing happened; null when it did, or had before.</param>
public sealed record GrantCommandResult(bool Found, Refusal? Refusal);

/// <summary>Runs people's commands against the stream: inside their request, or one by one where they ordered many.</summary>
internal sealed class GrantCommandConsumer(GrantSessions sessions, GrantRaiser raiser)
    : IConsumer<ApproveGrant>,
        IConsumer<EditGrant>,
        IConsumer<ReviewGrant>,
        IConsumer<RenewGrant>,
        IConsumer<SuspendGrant>,
        IConsumer<ResumeGrant>,
        IConsumer<RotateCredential>,
        IConsumer<HandOutCredential>,
        IConsumer<RejectGrant>,
        IConsumer<WithdrawGrant>,
        IConsumer<RevokeGrant>,
        IConsumer<EndByOrder>
{
    public Task Consume(ConsumeContext<ApproveGrant> context) => RunAsync(context, raiser.Machine.Approve);

    public Task Consume(ConsumeContext<EditGrant> context) => RunAsync(context, raiser.Machine.Edit);

    public Task Consume(ConsumeContext<ReviewGrant> context) => RunAsync(context, raiser.Machine.Review);

    public Task Consume(ConsumeContext<RenewGrant> context) => RunAsync(context, raiser.Machine.Renew);

    public Task Consume(ConsumeContext<SuspendGrant> context) => RunAsync(context, raiser.Machine.Suspend);

    public Task Consume(ConsumeContext<ResumeGrant> context) => RunAsync(context, raiser.Machine.Resume);

    public Task Consume(ConsumeContext<RotateCredential> context) => RunAsync(context, raiser.Machine.Rotate);

    public Task Consume(ConsumeContext<HandOutCredential> context) => RunAsync(context, raiser.Machine.HandOut);

    public Task Consume(ConsumeContext<RejectGrant> context) => RunAsync(context, raiser.Machine.Reject);

    public Task Consume(ConsumeContext<WithdrawGrant> context) => RunAsync(context, raiser.Machine.Withdraw);

    public Task Consume(ConsumeContext<RevokeGrant> context) => RunAsync(context, raiser.Machine.Revoke);

    public Task Consume(ConsumeContext<EndByOrder> context) => RunAsync(context, raiser.Machine.OrderedAway);

    private async Task RunAsync<T>(ConsumeContext<T> context, Event<T> command)
        where T : GrantCommand
    {
        var m = context.Message;
        await using var session = sessions.OpenFor(m.Actor, m.GrantId.ToString());
        if (await session.OpenForGrantAsync(m.GrantId, withActor: false, context.CancellationToken) is not { } grant)
        {
            await context.RespondAsync(new GrantCommandResult(false, null));
            return;
        }

        if (GrantTransitions.ReusesKey(grant, m))
        {
            await context.RespondAsync(new GrantCommandResult(true, Refusals.KeyReused));
            return;
        }

        await raiser.RaiseAsync(context, session, grant, command, m);
        await session.SaveAsync(context.CancellationToken);
        await context.RespondAsync(new GrantCommandResult(true, session.Refusal));
    }
}
