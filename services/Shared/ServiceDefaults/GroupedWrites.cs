using Npgsql;

namespace Governance.ServiceDefaults;

/// <summary>
/// Writes what many ask for at once in few transactions: what comes while a write is under way is the next one. Whoever asks goes on when
/// its item is committed, so nothing waits for a group to fill, and nothing is told before it is true.
/// </summary>
/// <remarks>
/// The items of a group come in no order, and there may be several for one row. A group that the database refuses is written item by item, so
/// one that can't be written fails alone; when the database is away, all of it fails.
/// </remarks>
/// <typeparam name="TItem">What is written.</typeparam>
/// <param name="write">Writes items; never called twice at once, and again, item by item, with those of a group that was refused.</param>
/// <param name="most">The most items of a group; at least 1.</param>
public sealed class GroupedWrites<TItem>(Func<IReadOnlyList<TItem>, Task> write, int most)
{
    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = [];
    private bool _writing;

    /// <summary>Completes when the item is committed.</summary>
    /// <param name="item">What to write.</param>
    /// <param name="cancellationToken">Ends the waiting; the item may be written all the same.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="Exception">What <c>write</c> threw.</exception>
    public Task WriteAsync(TItem item, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(item, ExecutionContext.Capture());
        lock (_lock)
        {
            _waiting.Enqueue(waiting);
            if (!_writing)
            {
                _writing = true;
                Begin();
            }
        }

        return waiting.Written.Task.WaitAsync(cancellationToken);
    }

    // A group's trace is that of the first in it.
    private void Begin()
    {
        if (_waiting.Peek().Context is { } context)
        {
            ExecutionContext.Run(context, static self => ((GroupedWrites<TItem>)self!).Start(), this);
        }
        else
        {
            Start();
        }
    }

    private void Start() => _ = Task.Run(WriteGroupAsync);

    private async Task WriteGroupAsync()
    {
        var group = new List<Waiting>();
        lock (_lock)
        {
            while (group.Count < most && _waiting.TryDequeue(out var next))
            {
                group.Add(next);
            }
        }

        await WriteAsync(group).ConfigureAwait(false);
        lock (_lock)
        {
            _writing = _waiting.Count > 0;
            if (_writing)
            {
                Begin();
            }
        }
    }

    private async Task WriteAsync(List<Waiting> group)
    {
        try
        {
            await write([.. group.Select(w => w.Item)]).ConfigureAwait(false);
            group.ForEach(w => w.Written.TrySetResult());
        }
        catch (PostgresException e) when (group.Count > 1 && !e.IsTransient)
        {
            foreach (var alone in group)
            {
                await WriteAsync([alone]).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // It is each waiting caller's.
        catch (Exception e)
#pragma warning restore CA1031
        {
            group.ForEach(w => w.Written.TrySetException(e));
        }
    }

    private sealed record Waiting(TItem Item, ExecutionContext? Context)
    {
        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
