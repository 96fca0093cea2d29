using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Governance.ServiceDefaults;

/// <summary>Runs a service so that a wrong configuration is one readable list, not a stack trace.</summary>
public static class ServiceHost
{
    /// <summary>Exit code for a wrong configuration (EX_CONFIG of sysexits).</summary>
    public const int ConfigurationError = 78;

    /// <summary>Exit code for an address that can't be listened at (EX_UNAVAILABLE of sysexits).</summary>
    public const int AddressUnavailable = 69;

    /// <summary>
    /// A builder whose files are those beside the program, wherever it is started from, and which reads its configuration once: a watched
    /// content root would be the whole tree below the working directory.
    /// </summary>
    /// <param name="args">The command line.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args) =>
        WebApplication.CreateBuilder(
            new WebApplicationOptions
            {
                Args = ["--hostBuilder:reloadConfigOnChange=false", .. args],
                ContentRootPath = AppContext.BaseDirectory,
            }
        );

    /// <summary>Builds and runs the service.</summary>
    /// <returns>
    /// 0 after an orderly end, what <see cref="Environment.ExitCode"/> was set to by a part that ended the service,
    /// <see cref="ConfigurationError"/> when options are invalid: every error is printed, each on a line;
    /// <see cref="AddressUnavailable"/> when it can't listen where it is to, which is one line.
    /// </returns>
    public static async Task<int> RunAsync(Func<WebApplication> build)
    {
        try
        {
            var app = build();
            await using (app.ConfigureAwait(false))
            {
                if (ListeningAddresses.FaultOf(app.Configuration) is { } fault)
                {
                    await Console.Error.WriteLineAsync(fault).ConfigureAwait(false);
                    return AddressUnavailable;
                }

                await app.RunAsync().ConfigureAwait(false);
            }

            // Whoever stopped the service for a reason has set it.
            return Environment.ExitCode;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync(ListeningAddresses.Taken(e.Message)).ConfigureAwait(false);
            return AddressUnavailable;
        }
        catch (Exception e) when (Failures(e) is { Count: > 0 } failures)
        {
            await Console.Error.WriteLineAsync($"The configuration has {failures.Count} error(s):").ConfigureAwait(false);
            foreach (var failure in failures)
            {
                await Console.Error.WriteLineAsync("  - " + failure).ConfigureAwait(false);
            }

            return ConfigurationError;
        }
    }

    private static List<string> Failures(Exception exception) =>
        exception switch
        {
            OptionsValidationException options => [.. options.Failures],
            AggregateException all when all.InnerExceptions.All(e => e is OptionsValidationException) =>
            [
                .. all.InnerExceptions.SelectMany(Failures),
            ],
            _ when UnreadableSetting.Of(exception) is { } unreadable => [unreadable],
            _ => [],
        };
}
