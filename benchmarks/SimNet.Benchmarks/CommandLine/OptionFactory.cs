using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SimNet.Benchmarks;

/// <summary>Options in the style that all commands share: described, with a default, checked as they are parsed.</summary>
internal static class OptionFactory
{
    /// <summary>A whole number.</summary>
    public static Option<int> Number(string name, string description, int defaultValue, int minimum = 1) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < minimum)
            {
                result.AddError($"{name} is '{text}'; expected a whole number of {minimum} or more.");
            }

            return number;
        },
    };

    /// <summary>Positive whole numbers.</summary>
    public static Option<CommaSeparated<int>> Numbers(string name, string description, params int[] defaultValue) => new(name)
    {
        Description = description,
        HelpName = "N,...",
        DefaultValueFactory = _ => new CommaSeparated<int>(defaultValue),
        CustomParser = result =>
        {
            string[] texts = Split(result);
            int[] numbers = [.. texts.Select(Parse)];
            if (Array.IndexOf(numbers, 0) is >= 0 and int wrong)
            {
                result.AddError($"{name} has '{texts[wrong]}'; expected positive whole numbers separated by commas.");
            }

            return new CommaSeparated<int>(numbers);

            static int Parse(string text) =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        },
    };

    /// <summary>Names.</summary>
    /// <param name="name">The option's name.</param>
    /// <param name="description">What it selects.</param>
    /// <param name="defaultValue">Its value when it is not given.</param>
    /// <param name="known">The names that there are; null where only the run can tell.</param>
    public static Option<CommaSeparated<string>> Names(string name, string description, string[] defaultValue, string[]? known = null) =>
        new(name)
        {
            Description = description,
            HelpName = "NAME,...",
            DefaultValueFactory = _ => new CommaSeparated<string>(defaultValue),
            CustomParser = result =>
            {
                string[] names = Split(result);
                if (known is not null && names.FirstOrDefault(given => !known.Contains(given)) is { } unknown)
                {
                    result.AddError($"{name} has '{unknown}'; expected some of {string.Join(", ", known)}.");
                }

                return new CommaSeparated<string>(names);
            },
        };

    private static string[] Split(ArgumentResult result) =>
        result.Tokens[0].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
