using System.Globalization;

namespace Governance.Cedar.Bundles;

/// <summary>Checks everything about a bundle's content and collects every fault, then makes the bundle only if there is none.</summary>
/// <param name="engine">Parses and validates.</param>
/// <param name="bounded">Whether what is too large or too deep for <see cref="BundleLimits"/> is refused.</param>
internal sealed class BundleBuilder(CedarEngine engine, bool bounded = true)
{
    private const string EngineFailed =
        "the engine can't take this, although nothing is wrong with it as far as can be told: write it shorter, and tell the suite's maintainers";

    private readonly List<BundleFault> _faults = [];
    private readonly List<Found> _found = [];
    private int _statements;

    private sealed record Found(SourceText File, int? Start, PolicyDefinition Policy)
    {
        public string? Id => Policy.Id.Length == 0 ? null : Policy.Id;
    }

    /// <summary>Adds the policies of a file.</summary>
    public void AddFile(PolicyFile file)
    {
        var source = new SourceText(file.Name, PolicyFile.NormaliseLineEnds(file.Text));
        if (IsBroken(source) || IsTooMuch(source))
        {
            return;
        }

        if (Ask(() => engine.SplitPolicies(source.Text), source, null) is not { } parts)
        {
            return;
        }

        _faults.AddRange(parts.Errors.Select(error => source.Fault(null, 0, error)));
        foreach (var (text, start) in source.Locate(parts.Policies.Concat(parts.Templates)))
        {
            AddPolicy(source, start, text);
        }
    }

    /// <summary>Adds a policy that stands alone.</summary>
    /// <param name="source">Where it is from.</param>
    /// <param name="start">Its first byte there.</param>
    /// <param name="text">Exactly one policy.</param>
    public void AddPolicy(SourceText source, int? start, string text)
    {
        if (IsBroken(source))
        {
            return;
        }

        if (Ask(() => engine.ParsePolicy(text), source, start) is not { } parsed)
        {
            return;
        }

        if (parsed.Json is not { } json)
        {
            _faults.AddRange(parsed.Errors.Select(error => source.Fault(null, start, error)));
            return;
        }

        var (policy, faults) = PolicyReader.Read(json, text);
        var found = new Found(source, start, policy);
        _faults.AddRange(faults.Select(fault => source.Fault(found.Id, start, fault)));
        _found.Add(found);
    }

    public void AddFault(BundleFault fault) => _faults.Add(fault);

    public PolicyBundleResult Build(SourceText schema, string whole)
    {
        CheckIds();
        if (!IsBroken(schema) && !IsTooMuch(schema, hasPolicies: false))
        {
            CheckWith(schema);
        }

        if (_found.Count == 0 && _faults.Count == 0)
        {
            _faults.Add(new BundleFault(whole, null, null, null, "no policies: a bundle that denies everything is taken for a mistake"));
        }

        return _faults.Count == 0
            ? new PolicyBundleResult(new PolicyBundle(schema.Text, _found.Select(found => found.Policy)))
            : new PolicyBundleResult([
                .. _faults.OrderBy(fault => fault.File, StringComparer.Ordinal).ThenBy(fault => fault.Line).ThenBy(fault => fault.Column),
            ]);
    }

    private bool IsBroken(SourceText source)
    {
        if (source.BrokenCharacter() is not { } place)
        {
            return false;
        }

        _faults.Add(source.Fault(null, place, "half a character (a lone surrogate): the text is no Unicode"));
        return true;
    }

    private bool IsTooMuch(SourceText source, bool hasPolicies = true)
    {
        if (!bounded)
        {
            return false;
        }

        var (statements, faults) = PolicyScan.Of(source);
        _faults.AddRange(faults);
        _statements += hasPolicies ? statements : 0;
        var tooMany = hasPolicies && _statements > BundleLimits.Policies;
        if (tooMany)
        {
            _faults.Add(
                source.Fault(
                    null,
                    0,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"with this file the bundle has {_statements} policies, more than {BundleLimits.Policies}: write fewer that say more"
                    )
                )
            );
        }

        return tooMany || faults.Count > 0;
    }

    // A trap of the engine is about what it was asked to read: to whoever wrote that, it is a fault like any other.
    private T? Ask<T>(Func<T> question, SourceText source, int? start)
        where T : class
    {
        try
        {
            return question();
        }
        catch (Exception failure) when (failure is CedarEngineException or CallRefusedException)
        {
            _faults.Add(source.Fault(null, start ?? 0, EngineFailed));
            return null;
        }
    }

    private void CheckWith(SourceText schema)
    {
        if (Ask(() => engine.CheckSchema(schema.Text), schema, null) is not { } errors)
        {
            return;
        }

        _faults.AddRange(errors.Select(error => schema.Fault(null, 0, error)));
        if (errors.Count == 0)
        {
            Validate(schema.Text);
        }
    }

    private void CheckIds()
    {
        foreach (var same in _found.Where(found => found.Id is not null).GroupBy(found => found.Id, StringComparer.Ordinal))
        {
            var first = same.First();
            _faults.AddRange(
                same.Skip(1)
                    .Select(found =>
                        found.File.Fault(
                            found.Id,
                            found.Start,
                            $"the @id is already used in {first.File.Fault(null, first.Start, "").ToString().TrimEnd(' ', ':')}"
                        )
                    )
            );
        }
    }

    private void Validate(string schema)
    {
        var named = new Dictionary<string, Found>(StringComparer.Ordinal);
        foreach (var found in _found)
        {
            if (found.Id is null || !named.TryAdd(found.Id, found))
            {
                named.Add($"{found.Id ?? "unnamed"}#{named.Count}", found);
            }
        }

        var policies = named.ToDictionary(name => name.Key, name => name.Value.Policy.Text, StringComparer.Ordinal);
        foreach (var error in Ask(() => engine.Validate(policies, schema), new SourceText(GovernanceSchema.FileName, schema), null) ?? [])
        {
            _faults.Add(
                error.PolicyId is not null && named.TryGetValue(error.PolicyId, out var found)
                    ? found.File.Fault(found.Id, found.Start, error)
                    : new BundleFault(GovernanceSchema.FileName, error.PolicyId, null, null, error.Message)
            );
        }
    }
}
