using System.Threading.Channels;
using Governance.Contracts.Issuance;
using Governance.Issuance.Holdings;
using Npgsql;

namespace Governance.Issuance.Answering;

/// <summary>
/// Marks answers that the broker has taken, all in one statement that came while the one before was under way. Whatever is not marked is
/// published again.
/// </summary>
internal sealed class AnswerMarks(HoldingStore store, ILogger<AnswerMarks> logger) : BackgroundService
{
    private const int Most = 200;

    private readonly Channel<HoldingObserved> _published = Channel.CreateUnbounded<HoldingObserved>(new() { SingleReader = true });

    public void Add(HoldingObserved answer) => _published.Writer.TryWrite(answer);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<HoldingObserved>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _published.Reader.WaitToReadAsync(stoppingToken);
                batch.Clear();
                while (batch.Count < Most && _published.Reader.TryRead(out var answer))
                {
                    batch.Add(answer);
                }

                await store.MarkAsync(batch, stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                logger.AnswersNotMarked(e, batch.Count);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
