using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Governance.Cedar.Bundles;
using Wasmtime;
using Module = Wasmtime.Module;

namespace Governance.Cedar;

/// <summary>
/// The official Cedar engine, run in process as WebAssembly. Safe to use from any number of threads; make one per process and dispose it
/// at the end. Every call is synchronous, does no I/O, and answers faults of policies and requests as values; only a failure of the
/// engine itself throws <see cref="CedarEngineException"/>.
/// </summary>
public sealed class CedarEngine : IDisposable
{
    private const int RememberedSchemas = 16;
    private const string ProbeSlot = "probes";

    private readonly Engine _wasmtime;
    private readonly Module _module;
    private readonly CedarInstancePool _pool;
    private readonly ConcurrentDictionary<string, SchemaShape?> _schemas = new(StringComparer.Ordinal);

    private CedarEngine(Engine wasmtime, Module module, string wasmDigest, CedarEngineOptions options)
    {
        _wasmtime = wasmtime;
        _module = module;
        _pool = new CedarInstancePool(wasmtime, module, options);
        WasmDigest = $"sha256:{wasmDigest}";
        LanguageVersion = _pool.Use(instance => instance.Version("getCedarLangVersion"));
        EngineVersion = _pool.Use(instance => instance.Version("getCedarSDKVersion"));
    }

    /// <summary>The digest of the engine's WebAssembly, <c>sha256:&lt;hex&gt;</c>: what a decision was made with.</summary>
    public string WasmDigest { get; }

    /// <summary>The version of the Cedar language, for example <c>4.5</c>.</summary>
    public string LanguageVersion { get; }

    /// <summary>The version of the engine, for example <c>4.13.0</c>.</summary>
    public string EngineVersion { get; }

    /// <summary>How many instances of the engine were made so far; grows with concurrency, failures and retired memory.</summary>
    public int InstancesCreated => _pool.Created;

    /// <summary>Loads the engine. Takes seconds when it has to be compiled, milliseconds afterwards.</summary>
    /// <exception cref="FileNotFoundException">The engine's WebAssembly file is missing.</exception>
    /// <exception cref="CedarEngineException">The file is not the engine that this host was made for.</exception>
    public static CedarEngine Create(CedarEngineOptions? options = null)
    {
        options ??= new CedarEngineOptions();
        var wasmtime = new Engine();
        try
        {
            var path = options.WasmPath ?? Path.Combine(AppContext.BaseDirectory, "cedar_wasm_bg.wasm");
            var (module, digest) = CompiledModule.Load(wasmtime, path, options.CacheDirectory);
            return new CedarEngine(wasmtime, module, digest, options);
        }
        catch (Exception failure)
        {
            wasmtime.Dispose();
            if (failure is WasmtimeException)
            {
                throw new CedarEngineException("The Cedar engine cannot be loaded.", failure);
            }

            throw;
        }
    }

    /// <summary>Splits a text into its policies, each as its own text, and counts its templates. The policies come in the engine's order.</summary>
    public CedarParts SplitPolicies(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return CedarJson.Read(
            _pool.Use(instance => instance.CallWithText("policySetTextToParts", text)),
            answer =>
                CedarJson.IsSuccess(answer)
                    ? new CedarParts(Texts(answer, "policies"), Texts(answer, "policy_templates"), [])
                    : new CedarParts([], [], CedarJson.Errors(answer, "errors"))
        );
    }

    /// <summary>Reads one policy into Cedar's JSON form (effect, scope, conditions, annotations).</summary>
    public CedarPolicyJson ParsePolicy(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var argument = CedarJson.Write(writer => writer.WriteStringValue(text));
        return CedarJson.Read(
            _pool.Use(instance => instance.Call("policyToJson", argument)),
            answer =>
                CedarJson.IsSuccess(answer)
                    ? new CedarPolicyJson(answer.GetProperty("json").Clone(), [])
                    : new CedarPolicyJson(null, CedarJson.Errors(answer, "errors"))
        );
    }

    /// <summary>Checks that a schema (in Cedar's own syntax) parses. No errors: it does.</summary>
    public IReadOnlyList<CedarError> CheckSchema(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var argument = CedarJson.Write(writer => writer.WriteStringValue(schema));
        return CedarJson.Read(
            _pool.Use(instance => instance.Call("checkParseSchema", argument)),
            answer => CedarJson.Errors(answer, "errors")
        );
    }

    /// <summary>
    /// Validates policies strictly against a schema. Warnings are errors here: a policy that can never apply is a mistake of its author.
    /// No errors: the policies are valid.
    /// </summary>
    public IReadOnlyList<CedarError> Validate(IReadOnlyDictionary<string, string> policies, string schema)
    {
        ArgumentNullException.ThrowIfNull(policies);
        ArgumentNullException.ThrowIfNull(schema);
        var argument = CedarJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("validationSettings");
            writer.WriteString("mode", "strict");
            writer.WriteEndObject();
            writer.WriteString("schema", schema);
            writer.WriteStartObject("policies");
            writer.WritePropertyName("staticPolicies");
            CedarJson.WritePolicies(writer, policies);
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
        return CedarJson.Read(
            _pool.Use(instance => instance.Call("validate", argument)),
            answer =>
                CedarJson.IsSuccess(answer)
                    ?
                    [
                        .. CedarJson.PolicyErrors(answer, "validationErrors"),
                        .. CedarJson.PolicyErrors(answer, "validationWarnings"),
                        .. CedarJson.Errors(answer, "otherWarnings"),
                    ]
                    : CedarJson.Errors(answer, "errors")
        );
    }

    /// <summary>Evaluates one request. A request that cannot be evaluated is a Deny with its errors.</summary>
    /// <exception cref="JsonException">The context or the entities are not JSON.</exception>
    /// <exception cref="CedarEngineException">The engine itself failed.</exception>
    public CedarAnswer Authorize(CedarPolicySet policies, CedarRequest request)
    {
        ArgumentNullException.ThrowIfNull(policies);
        ArgumentNullException.ThrowIfNull(request);
        return AuthorizeProjected(policies, request) ?? AuthorizeWhole(policies, request);
    }

    /// <summary>Has the engine read and check everything that there is.</summary>
    internal CedarAnswer AuthorizeWhole(CedarPolicySet policies, CedarRequest request)
    {
        var call = CedarJson.Write(writer => WriteCall(writer, policies, request, policies.Name));
        try
        {
            return _pool.Use(instance =>
                LoadSchema(instance, policies)
                ?? LoadPolicies(instance, policies)
                ?? CedarJson.Read(instance.Call("statefulIsAuthorized", call), ReadAnswer)
            );
        }
        catch (CallRefusedException refused)
        {
            return new CedarAnswer(CedarDecision.Deny, [], [new CedarError(null, refused.Message, null, [])]);
        }
    }

    /// <summary>
    /// Has the engine read no more than what policies ask for. Null where that is not possible, and whenever anything is wrong with the
    /// request or a policy errs: what is wrong is told by <see cref="AuthorizeWhole"/> alone.
    /// </summary>
    internal CedarAnswer? AuthorizeProjected(CedarPolicySet policies, CedarRequest request)
    {
        if (
            policies.Projections.For(this, request.Action) is not { } projection
            || GivenRequest.Read(request, projection.Schema, projection.Action) is not { } given
        )
        {
            return null;
        }

        using (given)
        {
            CedarAnswer? whole = null;
            foreach (var part in projection.About(request.Resource))
            {
                if (Ask(policies, part, given) is not { Errors.Count: 0 } answer)
                {
                    return null;
                }

                whole = whole is null ? answer : Together(whole, answer);
            }

            return whole;
        }
    }

    /// <summary>
    /// Which of some permits that belong to no bundle hold for a request, by their ids; one that errs does not. They take the place of those
    /// that were asked about before, so that an instance keeps no more of them than one question's. Null where the engine can't tell.
    /// </summary>
    /// <param name="permitsJson">Policies by id, in Cedar's JSON form.</param>
    /// <param name="under">Whose schema the request is checked against.</param>
    /// <param name="request">The request.</param>
    internal IReadOnlySet<string>? Holding(string permitsJson, CedarPolicySet under, CedarRequest request)
    {
        var call = CedarJson.Write(writer => WriteCall(writer, under, request, ProbeSlot));
        try
        {
            return _pool.Use(instance =>
            {
                if (
                    LoadSchema(instance, under) is not null
                    || instance.Load("preparsePolicySet", ProbeSlot, ProbeSlot, () => permitsJson) is not { } loaded
                    || !CedarJson.Read(loaded, CedarJson.IsSuccess)
                )
                {
                    return null;
                }

                return
                    CedarJson.Read(
                        instance.Call("statefulIsAuthorized", call),
                        answer => CedarJson.IsSuccess(answer) ? ReadAnswer(answer) : null
                    )
                        is { } answer
                    ? (answer.Decision == CedarDecision.Allow ? answer.DeterminingPolicies : []).ToHashSet(StringComparer.Ordinal)
                    : null;
            });
        }
        catch (Exception failure) when (failure is CallRefusedException or CedarEngineException)
        {
            return null;
        }
    }

    /// <summary>What a schema says; null if something in it is not known here.</summary>
    internal SchemaShape? SchemaOf(string schema, string name)
    {
        if (_schemas.TryGetValue(name, out var known))
        {
            return known;
        }

        if (_schemas.Count >= RememberedSchemas)
        {
            _schemas.Clear();
        }

        return _schemas.GetOrAdd(
            name,
            _ =>
                CedarJson.Read(
                    _pool.Use(instance => instance.CallWithText("schemaToJsonWithResolvedTypes", schema)),
                    answer => CedarJson.IsSuccess(answer) ? SchemaReader.Read(answer.GetProperty("json")) : null
                )
        );
    }

    /// <summary>Policies in Cedar's JSON form; null if one does not parse.</summary>
    internal IReadOnlyDictionary<string, JsonElement>? Parse(IReadOnlyDictionary<string, string> policies)
    {
        var parsed = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (id, text) in policies)
        {
            if (ParsePolicy(text).Json is not { } json)
            {
                return null;
            }

            parsed.Add(id, json);
        }

        return parsed;
    }

    /// <summary>
    /// The policies of a text by the ids that the engine gives them; null if it has templates, which are numbered, too, or comments, in
    /// which a policy could be found a second time.
    /// </summary>
    internal IReadOnlyDictionary<string, string>? NumberPolicies(string text)
    {
        var parts = SplitPolicies(text);
        if (parts.Errors.Count > 0 || parts.Templates.Count > 0 || text.Contains("//", StringComparison.Ordinal))
        {
            return null;
        }

        var located = new SourceText(string.Empty, text).Locate(parts.Policies).ToList();
        return located.Exists(part => part.Start is null)
            ? null
            : located
                .Select((part, number) => (part.Part, Id: string.Create(CultureInfo.InvariantCulture, $"policy{number}")))
                .ToDictionary(part => part.Id, part => part.Part, StringComparer.Ordinal);
    }

    /// <summary>Frees the engine. Calls still running finish first only if their callers are waited for.</summary>
    public void Dispose()
    {
        _pool.Dispose();
        _module.Dispose();
        _wasmtime.Dispose();
    }

    // What can't be asked in this way, for whatever reason, can still be asked in the other.
    private CedarAnswer? Ask(CedarPolicySet policies, ProjectedPolicies part, GivenRequest given)
    {
        var call = CedarJson.WriteUtf8(writer => given.WriteCall(writer, part));
        try
        {
            return _pool.Use(instance =>
            {
                if (IsLoaded(instance, part))
                {
                    return CedarJson.Read(instance.Call("statefulIsAuthorized", call), ReadAnswer);
                }

                policies.Projections.GiveUp(given.Action);
                return null;
            });
        }
        catch (Exception failure) when (failure is CallRefusedException or CedarEngineException)
        {
            return null;
        }
    }

    // A Deny names forbids and an Allow permits; one forbid anywhere makes it a Deny.
    private static CedarAnswer Together(CedarAnswer one, CedarAnswer other)
    {
        var forbidden = one.IsForbidden || other.IsForbidden;
        var decision =
            !forbidden && (one.Decision == CedarDecision.Allow || other.Decision == CedarDecision.Allow)
                ? CedarDecision.Allow
                : CedarDecision.Deny;
        return new CedarAnswer(
            decision,
            [
                .. new[] { one, other }
                    .Where(answer => answer.Decision == decision)
                    .SelectMany(answer => answer.DeterminingPolicies)
                    .Order(StringComparer.Ordinal),
            ],
            []
        );
    }

    private static bool IsLoaded(CedarInstance instance, ProjectedPolicies policies)
    {
        try
        {
            var answer = instance.Load("preparsePolicySet", policies.Slot, policies.Name, () => policies.Json);
            if (answer is not null && CedarJson.Read(answer, CedarJson.IsSuccess))
            {
                instance.MarkLoaded(policies.Slot, policies.Name);
                return true;
            }

            return answer is null;
        }
        catch (Exception failure) when (failure is CallRefusedException or CedarEngineException)
        {
            return false;
        }
    }

    private static CedarAnswer? LoadPolicies(CedarInstance instance, CedarPolicySet policies) =>
        Load(instance, "preparsePolicySet", policies.Name, () => policies.PoliciesJson);

    private static CedarAnswer? LoadSchema(CedarInstance instance, CedarPolicySet policies) =>
        policies.SchemaName is null
            ? null
            : Load(
                instance,
                "preparseSchema",
                policies.SchemaName,
                () => CedarJson.Write(writer => writer.WriteStringValue(policies.Schema))
            );

    private static CedarAnswer? Load(CedarInstance instance, string function, string name, Func<string> content)
    {
        if (instance.Load(function, name, content) is not { } answer)
        {
            return null;
        }

        var errors = CedarJson.Read(answer, result => CedarJson.IsSuccess(result) ? null : CedarJson.Errors(result, "errors"));
        if (errors is not null)
        {
            return new CedarAnswer(CedarDecision.Deny, [], errors);
        }

        instance.MarkLoaded(name);
        return null;
    }

    private static void WriteCall(Utf8JsonWriter writer, CedarPolicySet policies, CedarRequest request, string loadedAs)
    {
        writer.WriteStartObject();
        CedarJson.WriteUid(writer, "principal", request.Principal);
        CedarJson.WriteUid(writer, "action", request.Action);
        CedarJson.WriteUid(writer, "resource", request.Resource);
        writer.WritePropertyName("context");
        writer.WriteRawValue(request.ContextJson);
        writer.WritePropertyName("entities");
        writer.WriteRawValue(request.EntitiesJson);
        writer.WriteString("preparsedPolicySetId", loadedAs);
        if (policies.SchemaName is not null)
        {
            writer.WriteString("preparsedSchemaName", policies.SchemaName);
            writer.WriteBoolean("validateRequest", request.Validate);
        }

        writer.WriteEndObject();
    }

    private static CedarAnswer ReadAnswer(JsonElement answer)
    {
        if (!CedarJson.IsSuccess(answer))
        {
            return new CedarAnswer(CedarDecision.Deny, [], CedarJson.Errors(answer, "errors"));
        }

        var response = answer.GetProperty("response");
        var diagnostics = response.GetProperty("diagnostics");
        return new CedarAnswer(
            response.GetProperty("decision").ValueEquals("allow") ? CedarDecision.Allow : CedarDecision.Deny,
            [.. Texts(diagnostics, "reason").Order(StringComparer.Ordinal)],
            CedarJson.PolicyErrors(diagnostics, "errors")
        );
    }

    private static IReadOnlyList<string> Texts(JsonElement parent, string member) =>
        [.. parent.GetProperty(member).EnumerateArray().Select(text => text.GetString()!)];
}
