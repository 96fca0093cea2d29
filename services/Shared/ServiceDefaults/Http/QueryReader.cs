using System.Globalization;
using Governance.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Governance.ServiceDefaults.Http;

/// <summary>The query parameters that an endpoint knows: any other is an error, and so is one that is there twice.</summary>
/// <param name="Names">Their names.</param>
public sealed record KnownQuery(IReadOnlyList<string> Names);

/// <summary>Reads query parameters strictly.</summary>
/// <param name="query">The query.</param>
public sealed class QueryReader(IQueryCollection query)
{
    private readonly FaultList _faults = new();

    /// <summary>The problem to answer with; null when nothing is wrong.</summary>
    public IResult? Problem => _faults.Any ? ProblemResults.Of(_faults.ToList()) : null;

    /// <summary>A text that names something that is there; null when it is absent.</summary>
    public string? Text(string name, int maxLength = 500)
    {
        if (query[name] is not [{ } text])
        {
            return null;
        }

        if (TextRules.Fault(text, maxLength, TextKind.Reference) is { } fault)
        {
            _faults.Add(name, fault.Code, fault.Remedy);
            return null;
        }

        return text;
    }

    /// <summary>A whole number; what is given when it is absent.</summary>
    public long Number(string name, long otherwise, long least, long most = long.MaxValue)
    {
        if (query[name] is not [{ } text])
        {
            return otherwise;
        }

        if (
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
        )
        {
            return number;
        }

        _faults.Add(
            name,
            "out-of-range",
            least == long.MinValue ? "must be a whole number."
                : most == long.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"must be a whole number of {least} or more.")
                : string.Create(CultureInfo.InvariantCulture, $"must be a whole number between {least} and {most}.")
        );
        return otherwise;
    }

    /// <summary>A time; null when it is absent.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (query[name] is not [{ } text])
        {
            return null;
        }

        if (Rfc3339.TryParse(text, out var time))
        {
            return time;
        }

        _faults.Add(name, "format", "must be a time as in RFC 3339 with its offset, for example 2026-11-23T12:00:00Z.");
        return null;
    }

    /// <summary>A UUID; null when it is absent.</summary>
    public Guid? Id(string name)
    {
        if (query[name] is not [{ } text])
        {
            return null;
        }

        if (Guid.TryParse(text, out var id))
        {
            return id;
        }

        _faults.Add(name, "format", "must be a UUID.");
        return null;
    }
}

/// <summary>Tells which query parameters an endpoint knows.</summary>
public static class KnownQueryExtensions
{
    /// <summary>The endpoint knows these; one that is told nothing knows none.</summary>
    public static TBuilder WithQuery<TBuilder>(this TBuilder endpoint, params string[] names)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new KnownQuery(names));
}
