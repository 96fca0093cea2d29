using System.CommandLine;
using System.Globalization;
using Governance.Catalog;
using Governance.Cedar;
using Governance.Cedar.Bundles;
using Governance.Files;

namespace Governance.Cli.Validation;

/// <summary><c>governance policy validate</c>: would this directory be accepted as a bundle?</summary>
internal static class ValidateCommand
{
    private const string Help = """
        Checks a directory of policies as the Policy service does: syntax, schema, annotations, ids. A bundle with any fault is refused whole.
        With --catalog it also finds entitlements, targets, groups and principals that policies name and the catalog does not have: such a
        policy is taken by the service, but applies to nothing.

        Exit codes: 0 valid; 1 faults, one a line as file:line:column: policy: message; 2 wrong usage.
        """;

    public static Command Create(Terminal terminal)
    {
        var directory = BundleFiles.Argument();
        var output = OutputOption.Create();
        var catalog = new Option<string?>("--catalog") { Description = "Directory of the catalog's *.yaml files." };
        catalog.Validators.Add(BundleFiles.MustExist);
        var command = new Command("validate", Help) { directory, output, catalog };
        command.SetAction(parsed => Run(terminal, parsed.GetRequiredValue(directory), parsed.GetValue(catalog), parsed.GetValue(output)));
        return command;
    }

    private static int Run(Terminal terminal, string directory, string? catalog, OutputFormat format)
    {
        using var engine = CedarEngine.Create();
        var (bundle, faults) = BundleFiles.Load(engine, directory);
        if (bundle is not null && catalog is not null)
        {
            faults = NamesNotIn(Read(catalog), directory);
            bundle = faults.Count == 0 ? bundle : null;
        }

        if (format == OutputFormat.Json)
        {
            terminal.Document(
                new
                {
                    Valid = bundle is not null,
                    Bundle = bundle?.Digest,
                    Schema = bundle?.SchemaDigest,
                    Policies = bundle is null ? null : Sorted(bundle),
                    Faults = faults,
                }
            );
        }
        else if (bundle is null)
        {
            WriteFaults(terminal, faults, format);
        }
        else
        {
            WriteBundle(terminal, bundle, format);
        }

        return bundle is null ? ExitCodes.Failure : ExitCodes.Success;
    }

    private static List<BundleFault> NamesNotIn(LoadedCatalog catalog, string directory)
    {
        var check = new PolicyNamesCheck(catalog.Content);
        return
        [
            .. DirectoryReader
                .Read(directory, PolicyBundle.Rules)
                .Files.SelectMany(file => check.In(new PolicyFile(file.Name, file.Text)))
                .Select(fault => fault with { File = Path.Combine(directory, fault.File) }),
        ];
    }

    private static LoadedCatalog Read(string directory)
    {
        try
        {
            return CatalogLoader.Load(directory);
        }
        catch (CatalogException e)
        {
            throw new CommandException(
                ExitCodes.Usage,
                $"{directory} is no valid catalog; see governance catalog validate. {string.Join("; ", e.Errors)}"
            );
        }
    }

    private static void WriteFaults(Terminal terminal, IReadOnlyList<BundleFault> faults, OutputFormat format)
    {
        if (format == OutputFormat.Table)
        {
            terminal.Table(
                ["file", "line", "column", "policy", "fault"],
                faults.Select(fault => (string[])[fault.File, Number(fault.Line), Number(fault.Column), fault.Policy ?? "", fault.Message])
            );
            return;
        }

        foreach (var fault in faults)
        {
            terminal.Line(fault.ToString());
        }
    }

    private static void WriteBundle(Terminal terminal, PolicyBundle bundle, OutputFormat format)
    {
        var gates = bundle.Policies.Values.Where(policy => policy.IsGate).OrderBy(policy => policy.Id, StringComparer.Ordinal).ToList();
        if (format == OutputFormat.Table)
        {
            terminal.Table(
                ["policy", "effect", "gate", "reason"],
                Sorted(bundle).Select(policy => (string[])[policy.Id, policy.Effect, policy.Approval ?? "", policy.Reason ?? ""])
            );
        }

        terminal.Line($"valid: {bundle.Digest}");
        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{bundle.Policies.Count} policies, {gates.Count} of them gates"));
        foreach (var gate in gates)
        {
            terminal.Line($"gate {gate.Id}: {gate.Approval!.Text}");
        }
    }

    private static IReadOnlyList<PolicySummary> Sorted(PolicyBundle bundle) =>
        [
            .. bundle
                .Policies.Values.OrderBy(policy => policy.Id, StringComparer.Ordinal)
                .Select(policy => new PolicySummary(
                    policy.Id,
                    policy.Effect.ToString().ToLowerInvariant(),
                    policy.Approval?.Text,
                    policy.Reason
                )),
        ];

    private static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private sealed record PolicySummary(string Id, string Effect, string? Approval, string? Reason);
}
