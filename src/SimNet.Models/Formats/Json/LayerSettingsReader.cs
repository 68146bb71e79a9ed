namespace SimNet.Models;

/// <summary>Reads the settings of a layer from a JSON object.</summary>
internal sealed class LayerSettingsReader(JsonFields fields) : ILayerSettings
{
    public int Integer(string name, int value, int? absent = null)
        => absent is int otherwise && !fields.Has(name) ? otherwise : fields.Integer(name);

    public float Single(string name, float value) => fields.Single(name);

    public bool Flag(string name, bool value, bool? absent = null)
        => absent is bool otherwise && !fields.Has(name) ? otherwise : fields.Flag(name);

    public Size2d Size(string name, Size2d value, Size2d? absent = null)
    {
        if (absent is Size2d otherwise && !fields.Has(name))
        {
            return otherwise;
        }

        return fields.OneOrMoreIntegers(name) switch
        {
            [int side] => side,
            [int height, int width] => new Size2d(height, width),
            int[] other => throw new FormatException(
                $"{fields.Location}: '{name}' has {other.Length} numbers; expected one, or height and width"),
        };
    }

    public Padding2d Padding(string name, Padding2d value, Padding2d? absent = null)
    {
        if (absent is Padding2d otherwise && !fields.Has(name))
        {
            return otherwise;
        }

        return fields.OneOrMoreIntegers(name) switch
        {
            [int side] => side,
            [int top, int left, int bottom, int right] => new Padding2d(top, left, bottom, right),
            int[] other => throw new FormatException(
                $"{fields.Location}: '{name}' has {other.Length} numbers; expected one, or top, left, bottom and right"),
        };
    }
}
