using System.Runtime.CompilerServices;

namespace SimNet.Core;

/// <summary>How <see cref="CatalogSplit"/> parts labeled products.</summary>
public sealed record CatalogSplitOptions
{
    /// <summary>The label whose values are shared out alike: an attribute's name, or <c>category</c>, the default. Products without it are left out.</summary>
    public string Label { get; init; } = Product.CategoryLabel;

    /// <summary>Share of each label's products to judge by during training; 0.1 by default, at least 0, below 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double ValidationShare
    {
        get;
        init => field = Check(value);
    } = 0.1;

    /// <summary>Share of each label's products to judge by at the end; 0.1 by default, at least 0, below 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double TestShare
    {
        get;
        init => field = Check(value);
    } = 0.1;

    /// <summary>Seed of who goes where; 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>When two products show the same image and must stay together; null for no such check.</summary>
    public NearDuplicateOptions? NearDuplicates { get; init; } = new();

    private static double Check(double value, [CallerMemberName] string name = "") => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Expected at least 0, below 1.");
}
