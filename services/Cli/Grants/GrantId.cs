using System.CommandLine;
using System.CommandLine.Parsing;

namespace Governance.Cli.Grants;

/// <summary>The argument that names one grant.</summary>
internal static class GrantId
{
    public static Argument<Guid> Required() =>
        new("ID") { Description = "The grant's id.", CustomParser = result => Read(result) ?? default };

    public static Argument<Guid?> Optional() =>
        new("ID")
        {
            Description = "The grant's id.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = Read,
        };

    private static Guid? Read(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
        {
            return null;
        }

        var text = result.Tokens[0].Value;
        if (Guid.TryParseExact(text, "D", out var id))
        {
            return id;
        }

        result.AddError($"'{text}' is no grant's id such as 0d9a6b1c-6f2e-5c3d-8a4b-1e2f3a4b5c6d.");
        return null;
    }
}
