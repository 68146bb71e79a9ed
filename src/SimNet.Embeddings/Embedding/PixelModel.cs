using SimNet.Models;

namespace SimNet.Embeddings;

/// <summary>
/// The baseline that a learned embedding has to beat: an image's pixels, shrunk, as its vector. A model like any other,
/// with nothing to train, so that the whole way from images to recommendations can be walked and measured with it.
/// </summary>
public static class PixelModel
{
    /// <summary>Name of the network.</summary>
    public const string NetworkName = "pixels";

    /// <summary>The model for thumbnails of this size.</summary>
    /// <param name="size">Height and width of the thumbnail; 1 to <see cref="Preprocessing.MaximumSize"/>.</param>
    /// <param name="color">Gray by default.</param>
    public static Model Create(int size, ColorMode color = ColorMode.Gray)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Preprocessing.MaximumSize);
        var preprocessing = new Preprocessing { Width = size, Height = size, Color = color };

        // A 1x1 window's maximum is the pixel itself.
        var network = new Network(NetworkName, new Shape(preprocessing.Channels, size, size), [new MaxPool2d("pixels", 1)]);
        return new Model(network, new StateDict([]), "pixels", preprocessing.ToMetadata());
    }
}
