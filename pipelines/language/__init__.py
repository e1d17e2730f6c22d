"""The pipeline file `.keelway.yml`: from text to a Plan, or to everything that is wrong with it."""

from pipelines.language.compiler import compile_pipeline
from pipelines.language.json_schema import pipeline_schema
from pipelines.language.problems import PipelineInvalid, Problem, render

__all__ = ["PipelineInvalid", "Problem", "compile_pipeline", "pipeline_schema", "render"]
