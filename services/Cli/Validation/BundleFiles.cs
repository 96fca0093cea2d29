using System.CommandLine;
using System.CommandLine.Parsing;
using Governance.Cedar;
using Governance.Cedar.Bundles;
using Governance.Files;

namespace Governance.Cli.Validation;

/// <summary>A directory of policies on this machine.</summary>
internal static class BundleFiles
{
    public static Argument<string> Argument()
    {
        var directory = new Argument<string>("DIR") { Description = "Directory of the *.cedar files." };
        directory.Validators.Add(MustExist);
        return directory;
    }

    /// <summary>Loads a directory; the faults name their files as somebody who stands here would.</summary>
    public static (PolicyBundle? Bundle, IReadOnlyList<BundleFault> Faults) Load(CedarEngine engine, string directory)
    {
        var result = PolicyBundle.LoadDirectory(engine, directory);
        return (result.Bundle, [.. result.Faults.Select(fault => fault with { File = PathOf(directory, fault.File) })]);
    }

    /// <summary>Loads a directory that has to be in order, or says what is wrong with it and ends the command.</summary>
    /// <exception cref="CommandException">It has a fault.</exception>
    public static PolicyBundle Require(CedarEngine engine, string directory, Terminal terminal)
    {
        var (bundle, faults) = Load(engine, directory);
        if (bundle is not null)
        {
            return bundle;
        }

        foreach (var fault in faults)
        {
            terminal.Complain(fault.ToString());
        }

        throw new CommandException(ExitCodes.Usage, $"{directory} is no valid bundle; see governance policy validate.");
    }

    public static void MustExist(SymbolResult result)
    {
        if (result.Tokens.Count == 1 && !Directory.Exists(result.Tokens[0].Value))
        {
            result.AddError($"{result.Tokens[0].Value}: {DirectoryFaults.Missing(result.Tokens[0].Value)}.");
        }
    }

    // The suite's own schema is a file of no directory.
    private static string PathOf(string directory, string file)
    {
        var path = Path.Combine(directory, file);
        return Path.Exists(path) ? path : file;
    }
}
