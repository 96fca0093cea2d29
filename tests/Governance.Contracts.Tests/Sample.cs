using System.Reflection;
using System.Runtime.CompilerServices;

namespace Governance.Contracts.Tests;

/// <summary>An instance of a type with every member set, optional ones too, and always to the same.</summary>
internal static class Sample
{
    private static readonly DateTimeOffset Time = new(2026, 11, 23, 12, 34, 56, 789, TimeSpan.Zero);
    private static readonly Guid Id = new("0d9a6b1c-6f2e-5c3d-8a4b-1e2f3a4b5c6d");

    public static object Of(Type type)
    {
        var sample = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            property.SetValue(sample, Value(property.PropertyType, property.Name));
        }

        return sample;
    }

    private static object Value(Type type, string name)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => char.ToLowerInvariant(name[0]) + name[1..],
            _ when type == typeof(Guid) => Id,
            _ when type == typeof(DateTimeOffset) => Time,
            _ when type == typeof(TimeSpan) => TimeSpan.FromMinutes(90),
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => 7,
            _ when type == typeof(long) => 9_007_199_254_740_991L,
            _ when type.IsEnum => Enum.GetValues(type).Cast<object>().Last(),
            _ when Elements(type) is { } element => List(element, name),
            _ => Of(type),
        };
    }

    private static Type? Elements(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    private static Array List(Type element, string name)
    {
        var list = Array.CreateInstance(element, 1);
        list.SetValue(Value(element, name), 0);
        return list;
    }
}
