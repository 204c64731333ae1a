// Make the declared people, groups and roles by JavaScript's CDK, as one would write it by hand.
const fs = require("fs");
const cdk = require("aws-cdk-lib");
const iam = require("aws-cdk-lib/aws-iam");
const [data, outdir] = process.argv.slice(2);
const { users, groups, roles } = JSON.parse(fs.readFileSync(data, "utf-8"));
const app = new cdk.App({ outdir, analyticsReporting: false });
const PER_STACK = 100;
const stacks = new Map();
const stackOf = (kind, index) => {
  const name = `${kind}-${Math.floor(index / PER_STACK)}`;
  if (!stacks.has(name)) stacks.set(name, new cdk.Stack(app, name, { synthesizer: new cdk.LegacyStackSynthesizer() }));
  return stacks.get(name);
};
const reading = ({ prefix }) => [
  new iam.PolicyStatement({ actions: ["s3:GetObject"], resources: [`arn:aws:s3:::reports/${prefix}*`] }),
  new iam.PolicyStatement({
    actions: ["s3:ListBucket"],
    resources: ["arn:aws:s3:::reports"],
    conditions: { StringLike: { "s3:prefix": `${prefix}*` } },
  }),
];
const made = {};
Object.entries(groups).forEach(([name, { grants }], index) => {
  made[name] = new iam.Group(stackOf("groups", index), name, { groupName: name });
  reading(grants[0]).forEach((each) => made[name].addToPolicy(each));
});
Object.entries(users).forEach(([name, declared], index) => {
  const stack = stackOf("people", index);
  const joined = declared.groups.map((group) => iam.Group.fromGroupName(stack, `${name}-${group}`, group));
  const user = new iam.User(stack, name, { userName: name, groups: joined });
  new cdk.CustomResource(stack, `Leaving-${name}`, {
    serviceToken: "arn:aws:lambda:eu-central-1:111111111111:function:keeper",
    resourceType: "Custom::Leaving",
    properties: { UserName: user.userName },
  });
});
Object.entries(roles).forEach(([name, { grants }], index) => {
  const role = new iam.Role(stackOf("roles", index), name, {
    roleName: name,
    assumedBy: new iam.AccountPrincipal("111111111111").withConditions({ Bool: { "aws:MultiFactorAuthPresent": "true" } }),
  });
  reading(grants[0]).forEach((each) => role.addToPolicy(each));
});
app.synth();
