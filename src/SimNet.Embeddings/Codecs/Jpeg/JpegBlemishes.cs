namespace SimNet.Embeddings;

/// <summary>The blemishes of a file: listed, or thrown where the tolerance does not accept them.</summary>
internal sealed class JpegBlemishes(DecodingTolerance tolerance)
{
    /// <summary>A damaged file can have thousands of blemishes; the first ones say enough.</summary>
    private const int MaxCount = 16;

    private readonly List<string> _sentences = [];

    /// <summary>Whether damage is listed instead of thrown.</summary>
    public bool Salvages => tolerance == DecodingTolerance.Salvage;

    public IReadOnlyList<string> Sentences => _sentences.Count == 0 ? [] : _sentences.ToArray();

    /// <summary>Lists a blemish that leaves the image whole. Throws under <see cref="DecodingTolerance.Strict"/>.</summary>
    public void Add(string sentence, long offset)
    {
        if (tolerance == DecodingTolerance.Strict)
        {
            throw new ImageFormatException(sentence, offset);
        }

        if (_sentences.Count < MaxCount && !_sentences.Contains(sentence))
        {
            _sentences.Add(sentence);
        }
    }

    /// <summary>Lists damage, by which pixels are missing, under <see cref="DecodingTolerance.Salvage"/>; throws otherwise.</summary>
    public void AddDamage(ImageFormatException damage)
    {
        if (!Salvages)
        {
            throw damage;
        }

        Add(damage.Problem, damage.Offset);
    }
}
