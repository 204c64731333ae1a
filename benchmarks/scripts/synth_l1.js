// Make every resource of a JSON file by JavaScript's CDK, one CfnResource each: the least that CDK can cost.
const fs = require("fs");
const cdk = require("aws-cdk-lib");
const [data, outdir] = process.argv.slice(2);
const app = new cdk.App({ outdir, analyticsReporting: false });
for (const [name, resources] of Object.entries(JSON.parse(fs.readFileSync(data, "utf-8")))) {
  const stack = new cdk.Stack(app, name, { synthesizer: new cdk.LegacyStackSynthesizer() });
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    new cdk.CfnResource(stack, id, { type: Type, properties: Properties });
  }
}
app.synth();
