using Governance.Contracts.Issuance;
using Governance.Issuance.Holdings;
using Governance.ServiceDefaults;
using Npgsql;

namespace Governance.Issuance.Answering;

/// <summary>Marks answers that the broker has taken, while whoever published them goes on. Whatever is not marked is published again.</summary>
internal sealed class AnswerMarks
{
    private readonly HoldingStore _store;
    private readonly ILogger<AnswerMarks> _logger;
    private readonly GroupedWrites<HoldingObserved> _published;

    public AnswerMarks(HoldingStore store, ILogger<AnswerMarks> logger)
    {
        _store = store;
        _logger = logger;
        _published = new(MarkAsync, most: 200);
    }

    public void Add(HoldingObserved answer) => _ = _published.WriteAsync(answer, CancellationToken.None);

    private async Task MarkAsync(IReadOnlyList<HoldingObserved> answers)
    {
        try
        {
            await _store.MarkAsync(answers, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            _logger.AnswersNotMarked(e, answers.Count);
        }
    }
}
