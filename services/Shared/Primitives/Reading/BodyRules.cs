namespace Governance.Reading;

/// <summary>What a text of a body is for, where it is not a name; and how long it may be.</summary>
/// <param name="kind">What it is for.</param>
/// <param name="maxLength">The most characters.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TextAttribute(TextKind kind, int maxLength = Bounds.NameLength) : Attribute
{
    /// <summary>What it is for.</summary>
    public TextKind Kind => kind;

    /// <summary>The most characters.</summary>
    public int MaxLength => maxLength;
}

/// <summary>Bounds of a whole number of a body, or of how many items an array may have.</summary>
/// <param name="least">The least.</param>
/// <param name="most">The most.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class WithinAttribute(int least, int most = int.MaxValue) : Attribute
{
    /// <summary>The least.</summary>
    public int Least => least;

    /// <summary>The most.</summary>
    public int Most => most;
}

/// <summary>A time of a body that may lie wherever it likes: else a time is a start, and not far ahead.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class AnyTimeAttribute : Attribute;

/// <summary>An object of a body that has a reader of its own.</summary>
/// <param name="reader">An <see cref="IMemberReader"/> with a constructor without parameters.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ReadByAttribute(Type reader) : Attribute
{
    /// <summary>The reader's type.</summary>
    public Type Reader => reader;
}

/// <summary>Reads an object of a body by rules of its own.</summary>
public interface IMemberReader
{
    /// <summary>Reads all members, also after a fault; the value is meaningless when there was one.</summary>
    object? Read(ObjectReader reader);
}
