using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Governance.Policy.Tests.Running;

internal sealed class LogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<(string? Name, string Message)> _entries = new();

    public IReadOnlyList<string> Of(string eventName) => [.. _entries.Where(e => e.Name == eventName).Select(e => e.Message)];

    public ILogger CreateLogger(string categoryName) => new Logger(_entries);

    public void Dispose() { }

    private sealed class Logger(ConcurrentQueue<(string? Name, string Message)> entries) : ILogger
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
        ) => entries.Enqueue((eventId.Name, formatter(state, exception) + exception));
    }
}
