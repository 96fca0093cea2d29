using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.Tests.Http;

internal sealed class RecordingLogger<T> : ILogger<T>
{
    private readonly ConcurrentQueue<(LogLevel Level, string Name)> _events = [];

    public IReadOnlyList<(LogLevel Level, string Name)> Events => [.. _events];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _events.Enqueue((logLevel, eventId.Name ?? formatter(state, exception)));
}
