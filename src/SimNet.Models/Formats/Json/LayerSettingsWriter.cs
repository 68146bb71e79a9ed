using System.Text.Json;

namespace SimNet.Models;

/// <summary>Writes the settings of a layer to a JSON object.</summary>
internal sealed class LayerSettingsWriter(Utf8JsonWriter writer) : ILayerSettings
{
    public int Integer(string name, int value, int? absent = null)
    {
        if (value != absent)
        {
            writer.WriteNumber(name, value);
        }

        return value;
    }

    public float Single(string name, float value)
    {
        writer.WriteNumber(name, value);
        return value;
    }

    public bool Flag(string name, bool value, bool? absent = null)
    {
        if (value != absent)
        {
            writer.WriteBoolean(name, value);
        }

        return value;
    }

    /// <summary>Writes one number if height and width are equal.</summary>
    public Size2d Size(string name, Size2d value, Size2d? absent = null)
    {
        if (value != absent)
        {
            Write(name, value.Height == value.Width ? [value.Height] : [value.Height, value.Width]);
        }

        return value;
    }

    /// <summary>Writes one number if all sides are equal.</summary>
    public Padding2d Padding(string name, Padding2d value, Padding2d? absent = null)
    {
        if (value != absent)
        {
            Write(name, value.IsUniform ? [value.Top] : [value.Top, value.Left, value.Bottom, value.Right]);
        }

        return value;
    }

    private void Write(string name, ReadOnlySpan<int> numbers)
    {
        if (numbers.Length == 1)
        {
            writer.WriteNumber(name, numbers[0]);
            return;
        }

        writer.WriteStartArray(name);
        foreach (int number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }
}
