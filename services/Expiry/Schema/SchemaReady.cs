namespace Governance.Expiry.Schema;

/// <summary>The schema exists. A service that starts before its database waits here instead of failing.</summary>
internal sealed class SchemaReady
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _done.Task.IsCompletedSuccessfully;

    public void Set() => _done.TrySetResult();

    public Task WaitAsync(CancellationToken cancellationToken) => _done.Task.WaitAsync(cancellationToken);
}
