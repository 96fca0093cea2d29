using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Governance.ServiceDefaults.Logging;

/// <summary>
/// One line each, as the framework's own single-line form has it. Of an outage the first line is written, without the places in the program,
/// which are the same in hundreds; the others are counted.
/// </summary>
internal sealed class OneLineFormatter(OutageLines outages) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "governance";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var cause = "";
        if (logEntry.Exception is { } exception)
        {
            cause = exception.ToString();
            if (logEntry.LogLevel < LogLevel.Critical && Outage.Of(exception) is { } what)
            {
                cause = Outage.Cause(exception);
                if (outages.LeaveOut(what, logEntry.EventId.Name ?? logEntry.Category, cause))
                {
                    return;
                }
            }
        }

        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (string.IsNullOrEmpty(message) && cause.Length == 0)
        {
            return;
        }

        textWriter.Write(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Word(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] "
            )
        );
        textWriter.Write(message.ReplaceLineEndings(" "));
        if (cause.Length > 0)
        {
            textWriter.Write(' ');
            textWriter.Write(cause.ReplaceLineEndings(" "));
        }

        textWriter.Write('\n');
    }

    private static string Word(LogLevel level) =>
        level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
}
