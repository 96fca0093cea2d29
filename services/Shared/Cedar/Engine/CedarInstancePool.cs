using System.Collections.Concurrent;
using Wasmtime;
using Module = Wasmtime.Module;

namespace Governance.Cedar;

/// <summary>Idle instances, one for each concurrent call. One that trapped or grew is dropped, not kept.</summary>
internal sealed class CedarInstancePool(Engine engine, Module module, CedarEngineOptions options) : IDisposable
{
    private readonly ConcurrentBag<CedarInstance> _idle = [];
    private int _created;
    private volatile bool _disposed;

    /// <summary>How many instances were made so far.</summary>
    public int Created => Volatile.Read(ref _created);

    public T Use<T>(Func<CedarInstance, T> call)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var instance = _idle.TryTake(out var idle) ? idle : Create();
        try
        {
            return call(instance);
        }
        finally
        {
            Return(instance);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var instance))
        {
            instance.Dispose();
        }
    }

    private CedarInstance Create()
    {
        Interlocked.Increment(ref _created);
        return new CedarInstance(engine, module, options.MaximumInstanceMemory);
    }

    private void Return(CedarInstance instance)
    {
        if (
            _disposed
            || instance.IsSpent
            || instance.MemoryLength > options.RetiringInstanceMemory
            || _idle.Count >= options.RetainedInstances
        )
        {
            instance.Dispose();
            return;
        }

        _idle.Add(instance);
    }
}
