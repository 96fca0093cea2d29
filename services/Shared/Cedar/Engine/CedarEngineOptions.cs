namespace Governance.Cedar;

/// <summary>How the engine is loaded and how much its instances may use. The defaults are right for a service.</summary>
public sealed class CedarEngineOptions
{
    /// <summary>The default of <see cref="MaximumInstanceMemory"/>: 256 MiB.</summary>
    public const long DefaultMaximumInstanceMemory = 256L * 1024 * 1024;

    /// <summary>The default of <see cref="RetiringInstanceMemory"/>: 64 MiB.</summary>
    public const long DefaultRetiringInstanceMemory = 64L * 1024 * 1024;

    /// <summary>The engine's WebAssembly file. Null: <c>cedar_wasm_bg.wasm</c> beside the running program.</summary>
    public string? WasmPath { get; init; }

    /// <summary>
    /// Where the machine code compiled from the engine is kept between starts, since compiling takes seconds. Null: beside the engine's
    /// file. What is read there is run as code, so a directory that others may write to is not used. Where nothing can be kept (a
    /// read-only file system), every start compiles in memory.
    /// </summary>
    public string? CacheDirectory { get; init; }

    /// <summary>How many idle instances are kept, each for one evaluation at a time. More are made when needed and then dropped. 0 keeps none.</summary>
    /// <value>Twice the number of processors.</value>
    public int RetainedInstances { get; init; } = Environment.ProcessorCount * 2;

    /// <summary>The linear memory, in bytes, beyond which an evaluation is stopped as failed.</summary>
    /// <value>256 MiB.</value>
    public long MaximumInstanceMemory { get; init; } = DefaultMaximumInstanceMemory;

    /// <summary>The linear memory, in bytes, beyond which an instance is replaced after the evaluation it is in (WebAssembly memory never shrinks).</summary>
    /// <value>64 MiB.</value>
    public long RetiringInstanceMemory { get; init; } = DefaultRetiringInstanceMemory;
}
