using System.CommandLine;

namespace Governance.Cli;

/// <summary>In which form a command says what it found.</summary>
internal enum OutputFormat
{
    /// <summary>A line a thing, as compilers do.</summary>
    Text,

    /// <summary>A table for people.</summary>
    Table,

    /// <summary>One JSON document.</summary>
    Json,
}

/// <summary>The option <c>--output</c>.</summary>
internal static class OutputOption
{
    public static Option<OutputFormat> Create(OutputFormat @default = OutputFormat.Text) =>
        new("--output", "-o") { Description = "Form of the output.", DefaultValueFactory = _ => @default };
}
