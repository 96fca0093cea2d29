using System.Collections;
using System.Reflection;
using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace Governance.Cli.Yaml;

/// <summary>Fills objects from YAML. Every key has to be known; every fault says where it is and what was expected.</summary>
internal sealed class YamlBinder(string file, List<YamlFault> faults)
{
    public T Bind<T>(YamlNode node)
        where T : class, new() => (T?)Value(typeof(T), node, "") ?? new T();

    private object? Value(Type wanted, YamlNode node, string name)
    {
        var type = Nullable.GetUnderlyingType(wanted) ?? wanted;
        if (YamlDocuments.IsNull(node))
        {
            return null;
        }

        if (type == typeof(YamlMappingNode))
        {
            return node as YamlMappingNode ?? Fault(node, name, "must be a mapping");
        }

        if (YamlScalars.Reads(type))
        {
            return node is YamlScalarNode scalar
                ? YamlScalars.Read(type, scalar, out var expected) ?? Fault(node, name, $"'{scalar.Value}': expected {expected}")
                : Fault(node, name, "must be one value, neither a list nor a mapping");
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
        {
            return List(type, node, name);
        }

        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>)
            ? Map(type, node, name)
            : Object(type, node, name);
    }

    private IList? List(Type type, YamlNode node, string name)
    {
        if (node is not YamlSequenceNode items)
        {
            return (IList?)Fault(node, name, "must be a list, for example [a, b]");
        }

        var list = (IList)Activator.CreateInstance(type)!;
        foreach (var item in items)
        {
            if (Value(type.GetGenericArguments()[0], item, name) is { } value)
            {
                list.Add(value);
            }
            else if (YamlDocuments.IsNull(item))
            {
                Fault(item, name, "an item is empty");
            }
        }

        return list;
    }

    private IDictionary? Map(Type type, YamlNode node, string name)
    {
        if (node is not YamlMappingNode members)
        {
            return (IDictionary?)Fault(node, name, "must be a mapping, for example {a: b}");
        }

        var map = (IDictionary)Activator.CreateInstance(type)!;
        foreach (var (key, value) in members)
        {
            if (
                Value(type.GetGenericArguments()[0], key, name) is { } k
                && Value(type.GetGenericArguments()[1], value, $"{name}.{k}") is { } v
            )
            {
                map[k] = v;
            }
        }

        return map;
    }

    private object? Object(Type type, YamlNode node, string name)
    {
        var known = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite)
            .ToDictionary(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name), StringComparer.Ordinal);
        var target = Activator.CreateInstance(type)!;
        if (node is not YamlMappingNode members)
        {
            return known.Values.FirstOrDefault(property => property.IsDefined(typeof(ShortFormAttribute))) is { } shortForm
                ? Set(target, shortForm, node, name)
                : Fault(node, name, $"must be a mapping of {string.Join(", ", known.Keys)}");
        }

        foreach (var (key, value) in members)
        {
            var text = (key as YamlScalarNode)?.Value ?? "";
            if (!known.TryGetValue(text, out var property))
            {
                Fault(key, name, $"unknown key '{text}': expected one of {string.Join(", ", known.Keys)}");
            }
            else
            {
                Set(target, property, value, name.Length == 0 ? text : $"{name}.{text}");
            }
        }

        return target;
    }

    private object Set(object target, PropertyInfo property, YamlNode node, string name)
    {
        if (Value(property.PropertyType, node, name) is { } value)
        {
            property.SetValue(target, value);
        }

        return target;
    }

    private object? Fault(YamlNode node, string name, string message)
    {
        faults.Add(YamlFault.At(file, node.Start, name.Length == 0 ? message : $"{name}: {message}"));
        return null;
    }
}
