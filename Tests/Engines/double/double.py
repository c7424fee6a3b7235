"""A model for MLServer that anyone can foretell: it doubles what it gets."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Double(MLModel):
    async def load(self) -> bool:
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        outputs = [
            NumpyCodec.encode_output("doubled", NumpyCodec.decode_input(tensor) * 2) for tensor in payload.inputs
        ]
        return InferenceResponse(id=payload.id, model_name=self.name, outputs=outputs)
