using Polly;

namespace Governance.Issuance.Targets;

/// <summary>Closes a circuit as soon as the target answers what is called in spite of it.</summary>
internal sealed class ClosesCircuit(TargetCircuit circuit) : ResilienceStrategy
{
    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback,
        ResilienceContext context,
        TState state
    )
    {
        var outcome = await callback(context, state);
        if (circuit.IsOpen && !TargetPipeline.IsTrouble(outcome.Exception))
        {
            await circuit.Control.CloseAsync(context.CancellationToken);
        }

        return outcome;
    }
}
