using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Governance.Expiry.Tests.Running;

internal sealed class LogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<(EventId Event, LogLevel Level, string Message)> _entries = new();

    public IReadOnlyList<(EventId Event, LogLevel Level, string Message)> Of(string eventName) =>
        [.. _entries.Where(e => e.Event.Name == eventName)];

    public ILogger CreateLogger(string categoryName) => new Logger(_entries);

    public void Dispose() { }

    private sealed class Logger(ConcurrentQueue<(EventId Event, LogLevel Level, string Message)> entries) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => entries.Enqueue((eventId, logLevel, formatter(state, exception) + exception));
    }
}
