using System.CommandLine;
using Governance.Catalog;
using Governance.Cli.Validation;

namespace Governance.Cli.Catalogs;

/// <summary><c>governance catalog validate</c>: would this directory be taken as the catalog?</summary>
internal static class ValidateCatalogCommand
{
    private const string Help = """
        Checks a directory of *.yaml files as Lifecycle does: members, names, references, kinds of targets. A catalog with any error is
        refused whole.

        Exit codes: 0 valid; 1 errors, one a line as file:line:column: where: message; 2 wrong usage.
        """;

    public static Command Create(Terminal terminal)
    {
        var directory = new Argument<string>("DIR") { Description = "Directory of the *.yaml files." };
        directory.Validators.Add(BundleFiles.MustExist);
        var output = OutputOption.Create();
        var kinds = new Option<string[]>("--kind")
        {
            Description = "A kind of targets that your Issuance has a connector of its own for; any number.",
        };
        var command = new Command("validate", Help) { directory, output, kinds };
        command.SetAction(parsed =>
            Run(terminal, parsed.GetRequiredValue(directory), parsed.GetValue(kinds) ?? [], parsed.GetValue(output))
        );
        return command;
    }

    private static int Run(Terminal terminal, string directory, string[] kinds, OutputFormat format)
    {
        var (catalog, errors) = Load(directory, kinds);
        if (format == OutputFormat.Json)
        {
            terminal.Document(
                new
                {
                    Valid = catalog is not null,
                    Catalog = catalog?.Digest,
                    Errors = errors,
                }
            );
        }
        else if (catalog is null)
        {
            foreach (var error in errors)
            {
                terminal.Line(error);
            }
        }
        else
        {
            var content = catalog.Content;
            terminal.Line($"valid: {catalog.Digest}");
            terminal.Line(
                FormattableString.Invariant(
                    $"{content.Targets.Count} targets, {content.Entitlements.Count} entitlements, {content.Principals.Count} people and principals, {content.Conflicts.Count} conflicts, {content.Sources.Count} sources"
                )
            );
        }

        return catalog is null ? ExitCodes.Failure : ExitCodes.Success;
    }

    private static (LoadedCatalog? Catalog, IReadOnlyList<string> Errors) Load(string directory, string[] kinds)
    {
        try
        {
            return (CatalogLoader.Load(directory, kinds), []);
        }
        catch (CatalogException e)
        {
            return (null, [.. e.Errors.Select(error => PathOf(directory, error))]);
        }
    }

    // As somebody who stands here would name the file.
    private static string PathOf(string directory, string error)
    {
        var end = error.IndexOf(':', StringComparison.Ordinal);
        return end > 0 && Path.Exists(Path.Combine(directory, error[..end])) ? Path.Combine(directory, error) : error;
    }
}
