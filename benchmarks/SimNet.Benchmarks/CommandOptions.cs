using System.Globalization;

namespace SimNet.Benchmarks;

/// <summary>The <c>--name value</c> pairs after a command.</summary>
internal sealed class CommandOptions
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the pairs.</summary>
    /// <param name="arguments">What follows the command.</param>
    /// <param name="names">The names that it knows.</param>
    /// <exception cref="ArgumentException">A name is unknown or has no value.</exception>
    public CommandOptions(string[] arguments, params string[] names)
    {
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (!names.Contains(arguments[i]))
            {
                throw new ArgumentException($"'{arguments[i]}' is no option of this command; expected some of {string.Join(", ", names)}.");
            }

            _values[arguments[i]] = i + 1 < arguments.Length ? arguments[i + 1] : throw new ArgumentException($"{arguments[i]} has no value.");
        }
    }

    /// <summary>The value of a name; null when it was not given.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    public string Required(string name) => this[name] ?? throw new ArgumentException($"{name} is missing.");

    public int Number(string name, int otherwise) => this[name] is { } text ? Parse(name, text) : otherwise;

    public string[]? List(string name) => this[name]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public int[]? Numbers(string name) => List(name)?.Select(text => Parse(name, text)).ToArray();

    private static int Parse(string name, string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number
        : throw new ArgumentException($"{name} is '{text}'; expected a whole number.");
}
