namespace Governance.Cli.Yaml;

/// <summary>The member that is meant where a text stands in place of a mapping.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ShortFormAttribute : Attribute;
