using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Governance.Reading;

/// <summary>
/// Reads the body of a command into a record, strictly: the members are the record's, what they may hold follows from their types, and everything
/// that is wrong is named with its place and its remedy.
/// </summary>
/// <remarks>
/// Texts are names unless <see cref="TextAttribute"/> says otherwise; durations and starts are bounded; enumerations are kebab-case words. A
/// member that may be null may also be left out.
/// </remarks>
public static class BodyReader
{
    private static readonly ConcurrentDictionary<Type, Shape> Shapes = new();

    /// <summary>The body, or null and what is wrong with it.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="now">The time by which starts are bounded.</param>
    /// <param name="unreadable">Set when the bytes are no JSON object at all.</param>
    /// <param name="faults">What is wrong with its members.</param>
    public static T? Read<T>(ReadOnlyMemory<byte> body, DateTimeOffset now, out Fault? unreadable, out IReadOnlyList<Fault> faults)
        where T : class
    {
        using var document = JsonBody.Read(body, out unreadable);
        if (document is null)
        {
            faults = [];
            return null;
        }

        var found = new FaultList();
        var value = (T?)ReadObject(typeof(T), new ObjectReader(document.RootElement, "", found), now, found);
        faults = found.ToList();
        return found.Any ? null : value;
    }

    private static object? ReadObject(Type type, ObjectReader reader, DateTimeOffset now, FaultList faults)
    {
        var shape = Shapes.GetOrAdd(type, Shape.Of);
        var values = new List<(Member Member, object? Value)>();
        foreach (var member in shape.Members)
        {
            values.Add((member, ReadMember(member, reader, now, faults)));
        }

        reader.RefuseRest();
        return faults.Any ? null : shape.Make(values);
    }

    private static object? ReadMember(Member member, ObjectReader reader, DateTimeOffset now, FaultList faults)
    {
        var (name, presence) = (member.Name, member.Presence);
        return member.Type switch
        {
            var t when t == typeof(string) => reader.Text(name, presence, member.MaxLength, member.Kind),
            var t when t == typeof(bool) => reader.Flag(name, presence),
            var t when t == typeof(int) => reader.Number(name, presence, member.Least, member.Most),
            var t when t == typeof(TimeSpan) => reader.Duration(name, presence),
            var t when t == typeof(DateTimeOffset) => member.AnyTime ? reader.Time(name, presence) : reader.Start(name, presence, now),
            var t when t == typeof(Guid) => Id(reader, name, presence),
            { IsEnum: true } t => Choice(reader, name, presence, t),
            var t when t.IsAssignableFrom(typeof(List<string>)) => Texts(reader, member),
            var t => reader.Child(name, presence) is not { } inner ? null
            : member.Reader is { } own ? own.Read(inner)
            : ReadObject(t, inner, now, faults),
        };
    }

    private static List<string>? Texts(ObjectReader reader, Member member)
    {
        var texts = reader.Texts(member.Name, member.Presence, member.Most, member.MaxLength, member.Kind);
        if (texts is not null && texts.Count < member.Least)
        {
            reader.Fault(member.Name, "empty", "Name at least one, or leave this member out.");
        }

        return texts?.OfType<string>().ToList();
    }

    private static Guid? Id(ObjectReader reader, string name, Presence presence)
    {
        if (reader.Text(name, presence, Bounds.NameLength) is not { } text)
        {
            return null;
        }

        if (Guid.TryParse(text, out var id))
        {
            return id;
        }

        reader.Fault(name, "format", "Send a UUID.");
        return null;
    }

    private static object? Choice(ObjectReader reader, string name, Presence presence, Type type)
    {
        if (reader.Text(name, presence, Bounds.NameLength) is not { } text)
        {
            return null;
        }

        var words = Enum.GetNames(type).ToDictionary(JsonNamingPolicy.KebabCaseLower.ConvertName, n => n, StringComparer.Ordinal);
        if (words.TryGetValue(text, out var value))
        {
            return Enum.Parse(type, value);
        }

        reader.Fault(name, "not-a-choice", "Send " + string.Join(" or ", words.Keys) + ".");
        return null;
    }

    private sealed record Member(string Name, Type Type, Presence Presence, PropertyInfo? Property)
    {
        public required TextKind Kind { get; init; }
        public required int MaxLength { get; init; }
        public required int Least { get; init; }
        public required int Most { get; init; }
        public required bool AnyTime { get; init; }
        public IMemberReader? Reader { get; init; }
        public object? Default { get; init; }

        public static Member Of(string name, Type declared, Presence presence, PropertyInfo? property, ICustomAttributeProvider rules)
        {
            T? Rule<T>()
                where T : Attribute => rules.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();
            var text = Rule<TextAttribute>();
            var within = Rule<WithinAttribute>();
            return new Member(
                JsonNamingPolicy.CamelCase.ConvertName(name),
                Nullable.GetUnderlyingType(declared) ?? declared,
                presence,
                property
            )
            {
                Kind = text?.Kind ?? TextKind.Name,
                MaxLength = text?.MaxLength ?? Bounds.NameLength,
                Least = within?.Least ?? 0,
                Most = within?.Most ?? int.MaxValue,
                AnyTime = Rule<AnyTimeAttribute>() is not null,
                Reader = Rule<ReadByAttribute>() is { } by ? (IMemberReader)Activator.CreateInstance(by.Reader, nonPublic: true)! : null,
            };
        }
    }

    private sealed record Shape(ConstructorInfo Constructor, IReadOnlyList<Member> Members)
    {
        private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

        public static Shape Of(Type type)
        {
            // A record's copy constructor is none of these.
            var constructor = type.GetConstructors(Any)
                .Where(c => c.GetParameters() is not [{ } only] || only.ParameterType != type)
                .OrderBy(c => c.GetParameters().Length)
                .First();
            var nullability = new NullabilityInfoContext();
            var members = constructor
                .GetParameters()
                .Select(p =>
                    Member.Of(
                        p.Name!,
                        p.ParameterType,
                        IsNullable(p.ParameterType, nullability.Create(p)) ? Presence.Nullable
                            : p.HasDefaultValue ? Presence.Optional
                            : Presence.Required,
                        null,
                        p
                    ) with
                    {
                        Default = p.HasDefaultValue ? p.DefaultValue : null,
                    }
                )
                .ToList();
            if (members.Count == 0)
            {
                members.AddRange(
                    type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
                        .Where(p => p.SetMethod is not null)
                        .Select(p =>
                            Member.Of(
                                p.Name,
                                p.PropertyType,
                                p.IsDefined(typeof(RequiredMemberAttribute)) ? Presence.Required
                                    : IsNullable(p.PropertyType, nullability.Create(p)) ? Presence.Nullable
                                    : Presence.Optional,
                                p,
                                p
                            )
                        )
                );
            }

            return new Shape(constructor, members);
        }

        public object Make(IReadOnlyList<(Member Member, object? Value)> values)
        {
            if (values.All(v => v.Member.Property is null))
            {
                return Constructor.Invoke([.. values.Select(v => v.Value ?? v.Member.Default)]);
            }

            var made = Constructor.Invoke(null);
            foreach (var (member, value) in values.Where(v => v.Value is not null))
            {
                member.Property!.SetValue(made, value);
            }

            return made;
        }

        private static bool IsNullable(Type type, NullabilityInfo nullability) =>
            Nullable.GetUnderlyingType(type) is not null || (!type.IsValueType && nullability.WriteState == NullabilityState.Nullable);
    }
}
