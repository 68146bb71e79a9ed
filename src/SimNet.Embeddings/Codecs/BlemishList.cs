namespace SimNet.Embeddings;

/// <summary>Collects the blemishes of a file, which are errors under <see cref="DecodingTolerance.Strict"/>.</summary>
internal sealed class BlemishList(DecodingTolerance tolerance)
{
    /// <summary>A damaged file can have a blemish every few bytes.</summary>
    private const int Limit = 20;

    private readonly List<string> _sentences = [];

    /// <summary>Gets the sentences.</summary>
    public IReadOnlyList<string> Sentences => _sentences.Count == 0 ? [] : _sentences.ToArray();

    /// <summary>Gets whether damage is noted instead of thrown.</summary>
    public bool Salvages => tolerance == DecodingTolerance.Salvage;

    /// <summary>Takes note of a blemish.</summary>
    /// <param name="problem">The blemish, as a sentence.</param>
    /// <param name="offset">The byte offset of the blemish.</param>
    /// <param name="consequence">What becomes of it, as another sentence; empty if it goes without saying.</param>
    /// <param name="cause">The cause of the error, if it is one.</param>
    /// <exception cref="ImageFormatException">No blemish is accepted.</exception>
    public void Add(string problem, long offset, string consequence = "", string cause = "damaged")
    {
        if (tolerance == DecodingTolerance.Strict)
        {
            throw new ImageFormatException(problem, offset) { Cause = cause };
        }

        string sentence = consequence.Length == 0 ? problem : $"{problem} {consequence}";
        if (_sentences.Contains(sentence))
        {
            return;
        }

        if (_sentences.Count < Limit)
        {
            _sentences.Add(sentence);
        }
        else if (_sentences.Count == Limit)
        {
            _sentences.Add("There are more blemishes.");
        }
    }

    /// <summary>Takes note of damage, because of which pixels are missing.</summary>
    /// <param name="damage">The damage.</param>
    /// <exception cref="ImageFormatException">Damage is not to be salvaged.</exception>
    public void AddDamage(ImageFormatException damage)
    {
        if (!Salvages)
        {
            throw damage;
        }

        Add(damage.Problem, damage.Offset);
    }
}
