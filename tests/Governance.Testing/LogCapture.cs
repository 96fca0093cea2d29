using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Governance.Testing;

/// <summary>What was logged, with the text of exceptions.</summary>
public sealed record LogEntry(EventId Event, LogLevel Level, string Message);

/// <summary>Keeps what a service logs.</summary>
public sealed class LogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();

    public IReadOnlyList<LogEntry> All => [.. _entries];

    public IReadOnlyList<LogEntry> Of(string eventName) => [.. _entries.Where(e => e.Event.Name == eventName)];

    public ILogger CreateLogger(string categoryName) => new Logger(_entries);

    public void Dispose() { }

    private sealed class Logger(ConcurrentQueue<LogEntry> entries) : ILogger
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
        ) => entries.Enqueue(new LogEntry(eventId, logLevel, formatter(state, exception) + exception));
    }
}
